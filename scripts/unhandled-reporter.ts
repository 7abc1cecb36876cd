import { writeFileSync } from 'node:fs';

/** A vitest reporter: writes the number of errors outside of any test, which the json reporter leaves out, to a file. */
export default class UnhandledReporter {
  onTestRunEnd(_modules: unknown, unhandledErrors: readonly unknown[]): void {
    const file = process.env.UNHANDLED_ERRORS_FILE;
    if (file !== undefined) writeFileSync(file, String(unhandledErrors.length));
  }
}
