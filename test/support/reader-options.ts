const generic = (encoding: string) => ['generic', '--key-template', 'odoo/{prefix}/{sid}!', '--encoding', encoding];

/** The store holds ids of every length: the operator says which ones the reader takes. */
export const vouched = (profile: string, sids: string) => [profile, '--sids', sids];

/** A reader of readers.py, its prefix, and the options that name it. */
export const READERS: [reader: string, prefix: string, profile: string[]][] = [
  ['camptocamp', '', ['camptocamp']],
  ['camptocamp', 'shop', ['camptocamp']],
  ['camptocamp-11', '', vouched('camptocamp-11', '40')],
  ['camptocamp-17', 'shop', vouched('camptocamp-17', '40')],
  ['camptocamp-18', 'shop', vouched('camptocamp-18', '40')],
  ['camptocamp-18, patched', '', vouched('camptocamp-18', '84')],
  ['camptocamp-19', 'shop', vouched('camptocamp-19', '84')],
  ['camptocamp-20', '', vouched('camptocamp-20', '84,86')],
  ['camptocamp-absolute', 'shop', ['camptocamp-absolute']],
  ['camptocamp-absolute-17', '', vouched('camptocamp-absolute-17', '40')],
  ['camptocamp-absolute-18', '', vouched('camptocamp-absolute-18', '40')],
  ['camptocamp-absolute-19', '', vouched('camptocamp-absolute-19', '84')],
  ['camptocamp-absolute-20', 'shop', vouched('camptocamp-absolute-20', '84,86')],
  ['camptocamp-7', 'old', vouched('camptocamp-7', '40')],
  ['mangono', 'shop', ['mangono']],
  ['mangono-1.2', '', vouched('mangono-1.2', '40')],
  ['mangono-1.3', 'shop', vouched('mangono-1.3', '84')],
  ['smile', '', vouched('smile', '40')],
  ['smile', 'sess-', vouched('smile', '40')],
  ['smile-10', '', vouched('smile-10', '40')],
  ['smile-12', '', vouched('smile-12', '40')],
  ['keerati', '', vouched('keerati', '40')],
  ['muk', 'odoo_', ['muk']],
  ['odoo_redis_session', 'shop', vouched('odoo_redis_session', '84')],
  ['odoo_redis_session', '', vouched('odoo_redis_session', '84')],
  ['cb_redis', 'shop:', vouched('cb_redis', '84')],
  ['sidecar', '', ['sidecar']],
  ['ab_redis_session', 'shop', vouched('ab_redis_session', '84')],
  ['generic-json', 'é', generic('json')],
  ['generic-c2c-json', 'é', [...generic('c2c-json'), '--honour-expiration', '--anonymous-lifetime', '7d']],
  ['generic-pickle', 'p', generic('pickle')],
  ['generic-verbatim', 'p', generic('verbatim')],
];
