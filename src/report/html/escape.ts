/** Markup; what is not yet markup goes through {@link escapeHtml} first. */
export type Html = string;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or an attribute. Paths and names of databases may hold anything. */
export function escapeHtml(text: string): Html {
  return printable(text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string));
}

/** Without characters that no page may have. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}
