/** The text with what stands between `<!-- mark -->` and `<!-- /mark -->` replaced. */
export function fillSection(text: string, mark: string, content: string): string {
  const [from, to] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const start = text.indexOf(from);
  const end = text.indexOf(to);
  if (start < 0 || end < start) throw new Error(`no section ${mark}`);
  return `${text.slice(0, start + from.length)}\n\n${content}\n\n${text.slice(end)}`;
}
