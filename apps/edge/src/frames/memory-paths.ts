/** What our own client asks for first: three at once, so that frames take turns. */
export const PATHS: readonly string[] = ['/a?size=300', '/b?size=900', '/c?size=300'];
