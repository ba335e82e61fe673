import fc from 'fast-check';

// Read before the tests under `npm run fuzz`: properties that name no number of cases of their own get more of them, too.
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 100 * Number(process.env.FUZZ ?? 1) });
