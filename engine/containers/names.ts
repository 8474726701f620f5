/** Names the engine takes for containers. Pure. */
export const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
