/** How an Odoo series makes its session ids; a reader accepts some kinds and answers others with a new session. */
export type SidKind = 'hex40' | 'urlsafe84' | 'urlsafe86';
export const SID_KINDS: readonly SidKind[] = ['hex40', 'urlsafe84', 'urlsafe86'];

/** Characters of such a session id. */
export function sidLength(kind: SidKind): number {
  return Number(kind.slice(-2));
}
