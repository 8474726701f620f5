/** The virtual machine; part of error-hints.ts. */
export const vmHints = {
  'vm-boot': { text: 'The virtual machine did not get as far as its first program.', next: 'What was tried is below; the same words are in the log.' },
}
