import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Runs the tests and ends with one line, `N passed, N failed`. A file that does not load and an error outside of any test
 * count as failed; so does a run in which nothing was tested.
 *
 *   node dist/scripts/test.js [--long] [vitest arguments]
 */

interface AssertionResult {
  status: string;
}
interface FileResult {
  name: string;
  status: string;
  message: string;
  assertionResults: AssertionResult[];
}
interface Report {
  numTotalTests: number;
  success: boolean;
  testResults: FileResult[];
}

/** Tests that passed, and failures of tests and of whole files. */
function count(report: Report): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  for (const file of report.testResults) {
    const broken = file.assertionResults.filter((a) => a.status === 'failed').length;
    passed += file.assertionResults.filter((a) => a.status === 'passed').length;
    // A file can fail without any of its tests failing: it does not load, or a hook throws.
    failed += broken === 0 && file.status === 'failed' ? 1 : broken;
  }
  return { passed, failed };
}

const args = process.argv.slice(2);
const long = args.includes('--long');
const passOn = args.filter((a) => a !== '--long');
const env = { ...process.env };
if (long) {
  const seed = env.NETMEMD_SEED ?? String(randomInt(0, 2 ** 32));
  env.NETMEMD_SEED = seed;
  console.log(`seed ${seed} (NETMEMD_SEED=${seed} repeats this run)`);
}
const projects = (long ? ['long'] : ['unit', 'model', 'e2e']).flatMap((p) => ['--project', p]);
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const directory = mkdtempSync(join(tmpdir(), 'netmemd-test-'));
const file = join(directory, 'report.json');
const unhandledFile = join(directory, 'unhandled');
env.UNHANDLED_ERRORS_FILE = unhandledFile;
const unhandledReporter = fileURLToPath(new URL('unhandled-reporter.js', import.meta.url));

const child = spawn(
  process.execPath,
  [
    vitest,
    'run',
    ...projects,
    '--reporter=default',
    '--reporter=json',
    `--reporter=${unhandledReporter}`,
    `--outputFile.json=${file}`,
    ...passOn,
  ],
  { stdio: 'inherit', env },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));

child.on('close', (code, signal) => {
  let passed = 0;
  let failed = 0;
  let complete = false;
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    ({ passed, failed } = count(report));
    failed += Number(readFileSync(unhandledFile, 'utf8'));
    complete = true;
  } catch (error) {
    console.error(`no test report: ${(error as Error).message}`);
  }
  rmSync(directory, { recursive: true, force: true });
  // Whatever else made it fail, a run that vitest calls failed is not a success.
  if ((code !== 0 || !complete) && failed === 0) failed = 1;
  if (passed + failed === 0) {
    console.error('no tests ran');
    failed = 1;
  }
  if (signal !== null) console.error(`vitest was ended by ${signal}`);
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
});
