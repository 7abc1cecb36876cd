/** Kinds of metrics used here. */
export type MetricType = 'counter' | 'gauge';

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

/** Writes the Prometheus text format 0.0.4: each family once, its samples below it. */
export class MetricsText {
  readonly #families = new Map<string, { head: string; samples: string[] }>();

  /** Adds one sample; the first one of a name decides the help text and the type. */
  add(
    name: string,
    type: MetricType,
    help: string,
    value: number | bigint,
    labels: Readonly<Record<string, string | number>> = {},
  ): void {
    let family = this.#families.get(name);
    if (family === undefined) {
      const text = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
      family = { head: `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n`, samples: [] };
      this.#families.set(name, family);
    }
    const pairs = Object.entries(labels).map(([k, v]) => `${k}="${escapeLabel(String(v))}"`);
    const number =
      typeof value === 'number' && !Number.isFinite(value)
        ? Number.isNaN(value)
          ? 'NaN'
          : value > 0
            ? '+Inf'
            : '-Inf'
        : String(value);
    family.samples.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number}\n`);
  }

  toString(): string {
    let text = '';
    for (const { head, samples } of this.#families.values()) text += head + samples.join('');
    return text;
  }
}
