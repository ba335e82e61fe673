/** What the page asks of its worker. The files never leave the browser: a worker of the same page reads them. */
export type Ask =
  | { readonly type: 'analyse'; readonly files: readonly File[] }
  | { readonly type: 'export'; readonly as: 'markdown' | 'json'; readonly anonymise: boolean };

/** What the worker says. All HTML in it is made by our own painters from escaped text. */
export type Answer =
  | {
      readonly type: 'progress';
      readonly file: string;
      readonly bytes: number;
      readonly total: number;
      readonly entries: number;
    }
  | { readonly type: 'report'; readonly html: string }
  | { readonly type: 'failed'; readonly file: string; readonly message: string }
  | { readonly type: 'exported'; readonly name: string; readonly text: string; readonly mime: string };
