export const machine = {
  software: 'Software emulation: slower. A container takes about 6 s to start.',
  hardware: 'Hardware acceleration: {name}',
  why: {
    chosen: 'Hardware acceleration is switched off in the machine’s settings.',
    absent: 'This computer offers no hardware acceleration: there is no /dev/kvm.',
    denied: 'You may not use /dev/kvm: your user has to be in its group (on most systems: kvm).',
    failed: 'Hardware acceleration was tried, and the machine did not boot with it.',
  },
  facts: 'What the virtual machine has',
  factsNext: 'What the virtual machine gets at its next start',
  fact: { memory: 'Memory', cpus: 'Processors', loopback: 'This computer’s loopback', qemu: 'QEMU', folders: 'Shared folders' },
  loopbackOpen: 'reachable',
  loopbackClosed: 'not reachable',
  noFolders: 'none',
  readonly: 'read-only',
  phases: 'Steps of the start',
  limit: 'at most {time}',
}
