/** What is deployed: the app, and the Durable Object beside it. Apart from `index.tsx`, so that tests in Node can run the app. */
export { ConnectionCounter } from '../counter/object.ts';
export { default } from '../index.tsx';
