/** `npm run new-exercise -- workshops/2-pipelining/7-name PL7 "Title"`: a folder with a small exercise that is whole. */
import { root } from '../architecture/files.ts';
import { makeExercise } from '../new-exercise/make.ts';
import { USAGE } from '../new-exercise/order.ts';

const args = process.argv.slice(2);
try {
  if (args.length === 0 || args.includes('--help')) console.log(`\n  ${USAGE}\n`);
  else {
    const { order, files } = await makeExercise(root, args);
    console.log(`
  ${order.folder} is there, and holds a small exercise that is whole:

${files.map((file) => `    ${file}`).join('\n')}

  What comes next:

    ${`npm run gate -- ${order.id}`.padEnd(32)} names what is still missing
    ${`npm run gate -- ${order.id} --golden`.padEnd(32)} writes what learners will read to golden/; read it
    ${'npm start'.padEnd(32)} shows it at http://localhost:4100/workshop/${order.id}

  Begin with solution/, then the checks in exercise.ts, then start/, wrong/ and alt/. CONTRIBUTING.md says what each is for.
`);
  }
} catch (error) {
  console.error(`  ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
