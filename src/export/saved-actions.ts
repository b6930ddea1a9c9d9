import { PyDict, type PyValue } from '../python.js';

/** An int as `json.dumps` writes it as a key, and no other text that means one. */
const INT = /^(?:0|-?[1-9]\d{0,14})$/;

/**
 * Makes ints of the keys of `saved_actions["actions"]`, which JSON had made text of. Odoo up to 15 looks an action up by
 * an int, and from the eleventh on takes the `min()` of the keys, at which Python 3 fails where ints and texts are mixed
 * (odoo/http.py, save_action and get_action).
 */
export function restoreActionKeys(session: PyDict): void {
  const saved = session.get('saved_actions');
  const actions = saved instanceof PyDict ? saved.get('actions') : undefined;
  if (!(saved instanceof PyDict) || !(actions instanceof PyDict)) return;
  const restored = new PyDict();
  actions.keys.forEach((key, i) => {
    const isInt = typeof key === 'string' && INT.test(key);
    restored.set(isInt ? Number(key) : key, actions.values[i] as PyValue);
  });
  saved.set('actions', restored);
}
