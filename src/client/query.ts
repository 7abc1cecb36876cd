/**
 * Attributes as a query string: dots reach into nests, a repeated key is multi-attr, `{a: {b: 1}, c: [2, 3]}` is `a.b=1&c=2&c=3`.
 * A flag attribute that is false or an attribute that is undefined is left out.
 *
 * @throws TypeError for a list of nests, which a query string cannot say
 */
export function toQuery(attrs: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  append(params, '', attrs);
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function append(params: URLSearchParams, prefix: string, attrs: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(attrs)) {
    const key = prefix + name;
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === false) continue;
      if (typeof item !== 'object' || item === null) {
        params.append(key, String(item));
      } else if (Array.isArray(value)) {
        throw new TypeError(`${key}: a list of nests cannot be part of a filter`);
      } else {
        append(params, `${key}.`, item as Record<string, unknown>);
      }
    }
  }
}
