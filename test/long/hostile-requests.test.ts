/** The hostile requests of the ordinary tests, many more of them, from a seed that differs from run to run. */
process.env.NETMEMD_HOSTILE_RUNS ??= '200';
process.env.NETMEMD_SEED ??= String(Date.now() >>> 0);
console.log(`NETMEMD_SEED=${process.env.NETMEMD_SEED} repeats these requests`);
await import('../e2e/hostile-requests.test.ts');
