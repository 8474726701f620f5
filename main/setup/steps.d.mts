/** Types of steps.mjs for tests. */
/** Builds the app when an input changed. */
export function ensureBuild(): Promise<void>
