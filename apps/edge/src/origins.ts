/** Addresses of the lab's listeners by what they speak; empty elsewhere. */
export type Origins = Readonly<Partial<Record<'plain' | 'h1' | 'h2' | 'altSvc' | 'h3', string>>>;
