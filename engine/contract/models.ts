/**
 * Data that crosses the link: plain, readonly, structured-cloneable. Sizes are bytes, times are milliseconds since
 * 1970-01-01 UTC, durations milliseconds, unless a name says otherwise. One file per noun in models/.
 */
export * from './models/engines.ts'
export * from './models/containers.ts'
export * from './models/inside.ts'
export * from './models/why-stopped.ts'
export * from './models/files.ts'
export * from './models/terminals.ts'
export * from './models/run.ts'
export * from './models/images.ts'
export * from './models/layers.ts'
export * from './models/housekeeping.ts'
export * from './models/stacks.ts'
export * from './models/hub.ts'
export * from './models/registries.ts'
export * from './models/ports.ts'
export * from './models/state.ts'
export * from './models/operations.ts'
export * from './models/logs.ts'
export * from './models/builds.ts'
export * from './models/transfers.ts'
export * from './models/app.ts'
