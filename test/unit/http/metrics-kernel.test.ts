import { expect, test } from 'vitest';
import { addKernelMetrics } from '../../../src/http/metrics-kernel.ts';
import { MetricsText } from '../../../src/http/metrics-text.ts';
import { NETMEM_STATE } from '../../../src/kernel/netmem/netmem.ts';
import { FamilyRig } from '../family/context.ts';

test('violations of conservation are counted', () => {
  const { kernel } = new FamilyRig({ rx: 4 });
  const value = (): string | undefined => {
    const out = new MetricsText();
    addKernelMetrics(out, kernel);
    return /^netmemd_conservation_faults_total (.*)$/m.exec(out.toString())?.[1];
  };
  expect(value()).toBe('0');
  const [pool] = kernel.pools.all();
  pool.inState[NETMEM_STATE.USER] = -1;
  kernel.check(pool);
  expect(value()).toBe('1');
});
