import { readFileSync } from 'node:fs';
import { KindGuard, type TObject, type TSchema } from '@sinclair/typebox';
import { Value, ValueErrorType } from '@sinclair/typebox/value';
import { parse as parseYaml } from 'yaml';
import { type Config, configSchema } from './config-schema.ts';

export type { Config } from './config-schema.ts';

/** Settings that cannot be used; the message names every one of them with its source. Exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Settings as a source gives them: nested, kebab-case, any subset. */
export interface ConfigInput {
  readonly [key: string]: unknown;
}

/** One source of settings and how to call it in a message. */
export interface ConfigSource {
  readonly name: string;
  readonly values: ConfigInput;
}

/** A setting that flags and variables can reach. */
export interface Setting {
  /** Path, `http.body-limit`. */
  readonly path: string;
  /** Variable, `NETMEMD_HTTP_BODY_LIMIT`. */
  readonly variable: string;
  readonly schema: TSchema;
}

/** Variables that belong to the commands, not to the configuration. */
const RESERVED_VARIABLES = new Set([
  'NETMEMD_CONFIG',
  'NETMEMD_URL',
  'NETMEMD_SESSION',
  'NETMEMD_NETLINK',
  'NETMEMD_TOKEN',
]);
/** What Kubernetes sets in every container next to a service called netmemd. */
const SERVICE_VARIABLE = /^NETMEMD_(SERVICE_(HOST|PORT)|PORT)(_|$)/;

function collectSettings(schema: TObject, prefix: string, out: Setting[]): Setting[] {
  for (const [key, child] of Object.entries(schema.properties)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (KindGuard.IsObject(child)) collectSettings(child, path, out);
    else out.push({ path, variable: `NETMEMD_${path.replace(/[.-]/g, '_').toUpperCase()}`, schema: child });
  }
  return out;
}

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = collectSettings(configSchema, '', []);

/** Sets `path` in `target`, making the sections on the way. */
function assign(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  let at = target;
  for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
  at[keys[keys.length - 1]] = value;
}

/** The text of a flag or a variable as a value of the setting's type; text that does not fit stays text and fails the check. */
function fromText(schema: TSchema, text: string): unknown {
  if (KindGuard.IsString(schema)) return text;
  if (KindGuard.IsInteger(schema)) return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : text;
  if (KindGuard.IsBoolean(schema))
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
  if (KindGuard.IsNull(schema)) return text === '' || text === 'null' ? null : text;
  if (KindGuard.IsUnion(schema)) {
    for (const option of schema.anyOf) {
      const value = fromText(option, text);
      if (Value.Check(option, value)) return value;
    }
    return text;
  }
  if (KindGuard.IsArray(schema) && KindGuard.IsString(schema.items as TSchema) && !text.trimStart().startsWith('[')) {
    return text === '' ? [] : text.split(',').map((item) => item.trim());
  }
  if (KindGuard.IsArray(schema)) {
    try {
      return parseYaml(text);
    } catch {
      return text;
    }
  }
  return text;
}

/** Settings from `NETMEMD_*` variables. @throws ConfigError for one that names no setting. */
export function fromEnvironment(env: NodeJS.ProcessEnv): ConfigSource[] {
  const sources: ConfigSource[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('NETMEMD_') || text === undefined) continue;
    if (RESERVED_VARIABLES.has(name) || SERVICE_VARIABLE.test(name)) continue;
    const setting = settings.find((s) => s.variable === name);
    if (setting === undefined) throw new ConfigError(`${name}: no such setting`);
    const values = {};
    assign(values, setting.path, fromText(setting.schema, text));
    sources.push({ name, values });
  }
  return sources;
}

/** What the command line asks for. */
export interface CommandLine {
  readonly sources: ConfigSource[];
  readonly configFile: string | undefined;
  readonly printConfig: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** Parses `--path=value`, `--path value`, `--flag` and `--no-flag`. @throws ConfigError naming what it does not know. */
export function fromFlags(argv: readonly string[]): CommandLine {
  const sources: ConfigSource[] = [];
  let configFile: string | undefined;
  let printConfig = false;
  let help = false;
  let version = false;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (!arg.startsWith('--')) {
      if (arg === '-h') help = true;
      else if (arg === '-V') version = true;
      else throw new ConfigError(`${arg}: unexpected argument`);
      continue;
    }
    const eq = arg.indexOf('=');
    const name = eq < 0 ? arg.slice(2) : arg.slice(2, eq);
    const inline = eq < 0 ? undefined : arg.slice(eq + 1);
    const value = (): string => {
      if (inline !== undefined) return inline;
      const next = argv[++i];
      if (next === undefined) throw new ConfigError(`--${name}: a value is missing`);
      return next;
    };
    if (name === 'config') {
      configFile = value();
    } else if (name === 'print-config' || name === 'help' || name === 'version') {
      if (inline !== undefined) throw new ConfigError(`--${name}: takes no value`);
      if (name === 'print-config') printConfig = true;
      else if (name === 'help') help = true;
      else version = true;
    } else {
      const negated = name.startsWith('no-') ? settings.find((s) => s.path === name.slice(3)) : undefined;
      const setting = negated ?? settings.find((s) => s.path === name);
      if (setting === undefined) throw new ConfigError(`--${name}: no such setting${suggestion(name)}`);
      const flag = isSwitch(setting.schema);
      if (negated !== undefined && (!flag || inline !== undefined)) throw new ConfigError(`--${name}: no such setting`);
      const text = negated !== undefined ? 'false' : flag && inline === undefined ? 'true' : value();
      const values = {};
      assign(values, setting.path, fromText(setting.schema, text));
      sources.push({ name: `--${name}`, values });
    }
  }
  return { sources, configFile, printConfig, help, version };
}

function isSwitch(schema: TSchema): boolean {
  return KindGuard.IsBoolean(schema) || (KindGuard.IsUnion(schema) && schema.anyOf.some((s) => KindGuard.IsBoolean(s)));
}

/** The setting that ends like the one asked for, so that `--port` finds `--http.port`. */
function suggestion(name: string): string {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const found = settings.find((s) => s.path === last || s.path.endsWith(`.${last}`));
  return found === undefined ? '' : ` (did you mean --${found.path}?)`;
}

/** Reads a JSON or YAML file. @throws ConfigError when it cannot be read or parsed. */
export function fromFile(file: string): ConfigSource {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  let values: unknown;
  try {
    values = file.endsWith('.json') ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new ConfigError(`${file}: ${(error as Error).message}`);
  }
  if (values === null || values === undefined) return { name: file, values: {} };
  if (!isRecord(values)) throw new ConfigError(`${file}: not a mapping of settings`);
  return { name: file, values };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lays `from` over `into`, section by section, refusing keys that the schema does not have. */
function overlay(
  schema: TObject,
  into: Record<string, unknown>,
  from: ConfigInput,
  path: string,
  source: string,
): void {
  for (const key of Object.keys(from)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (!Object.hasOwn(schema.properties, key)) throw new ConfigError(`${source}: ${at}: no such setting`);
    const child = schema.properties[key];
    const value = from[key];
    if (value === undefined) continue;
    if (KindGuard.IsObject(child)) {
      if (!isRecord(value)) throw new ConfigError(`${source}: ${at}: not a section`);
      overlay(child, (into[key] ??= {}) as Record<string, unknown>, value, at, source);
    } else {
      into[key] = structuredClone(value);
    }
  }
}

/**
 * Puts the sources together, later ones winning, fills in the defaults and checks the whole.
 * @throws ConfigError naming every setting that is unknown, of the wrong type or out of its limits.
 */
export function makeConfig(sources: readonly ConfigSource[]): Config {
  const merged: Record<string, unknown> = {};
  for (const source of sources) overlay(configSchema, merged, source.values, '', source.name);
  const config = Value.Default(configSchema, merged) as Config;
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const error of Value.Errors(configSchema, config)) {
    const path = error.path.slice(1).replaceAll('/', '.');
    if (seen.has(path) || problems.length >= 16) continue;
    seen.add(path);
    const source = sources.findLast((s) => hasPath(s.values, path))?.name;
    const reason =
      error.type === ValueErrorType.ObjectAdditionalProperties
        ? 'no such setting'
        : explain(error.schema, error.message);
    problems.push(`${source === undefined || source === `--${path}` ? '' : `${source}: `}${path}: ${reason}`);
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config;
}

function hasPath(values: ConfigInput, path: string): boolean {
  let at: unknown = values;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

/** What the schema would have accepted. */
function explain(schema: TSchema, message: string): string {
  if (KindGuard.IsUnion(schema)) return `must be ${schema.anyOf.map((s) => explain(s, 'another value')).join(' or ')}`;
  if (KindGuard.IsLiteral(schema)) return JSON.stringify(schema.const);
  if (KindGuard.IsNull(schema)) return 'null';
  if (KindGuard.IsBoolean(schema)) return 'true or false';
  if (KindGuard.IsInteger(schema)) {
    return `an integer from ${schema.minimum ?? Number.MIN_SAFE_INTEGER} to ${schema.maximum ?? Number.MAX_SAFE_INTEGER}`;
  }
  if (KindGuard.IsString(schema) && schema.pattern !== undefined) return `a string that matches ${schema.pattern}`;
  if (KindGuard.IsString(schema))
    return `a string of ${schema.minLength ?? 0} to ${schema.maxLength ?? 'any number of'} characters`;
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** The configuration of a command line: defaults < file < environment < flags. */
export function loadConfig(line: CommandLine, env: NodeJS.ProcessEnv): Config {
  const file = line.configFile ?? env.NETMEMD_CONFIG;
  return makeConfig([...(file ? [fromFile(file)] : []), ...fromEnvironment(env), ...line.sources]);
}

/** Directory of the socket and the shared files. */
export function runDirectory(config: Config): string {
  return config['run-dir'] !== '' ? config['run-dir'] : `/dev/shm/netmemd-${process.getuid?.() ?? 0}`;
}

/** May clients write the dmabufs they map? */
export function clientWritable(config: Config): boolean {
  return config.shm['client-writable'] ?? config.backing === 'memfd';
}

/** The settings part of `--help`. */
export function describeSettings(): string {
  return settings
    .map((s) => `  --${s.path}=…\n      ${s.schema.description ?? ''} Default: ${JSON.stringify(s.schema.default)}.`)
    .join('\n');
}
