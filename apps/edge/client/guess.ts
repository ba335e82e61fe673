import { byId, setText } from './dom.ts';

/** Lets one guess be chosen before the run, and taken back. */
export function prepareGuess(): void {
  const guesses = [...document.querySelectorAll<HTMLButtonElement>('#predict .guess')];
  for (const guess of guesses) {
    guess.addEventListener('click', () => {
      const was = guess.getAttribute('aria-pressed') === 'true';
      for (const other of guesses) other.setAttribute('aria-pressed', 'false');
      guess.setAttribute('aria-pressed', String(!was));
      setText(byId('predict-answer'), was ? '' : 'Now look.');
    });
  }
}

/** Holds the guess against what was counted; a sentence, never a score. */
export function answerGuess(counted: string): void {
  const guess = byId('predict')?.querySelector('[aria-pressed=true]')?.textContent ?? null;
  setText(byId('predict-answer'), guess === null ? '' : `You said ${guess}. It was ${counted}.`);
}
