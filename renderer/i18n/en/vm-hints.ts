/** The virtual machine; part of error-hints.ts. */
export const vmHints = {
  'vm-boot': { text: 'The virtual machine did not get as far as its first program.', next: 'What was tried is below; the same words are in the log.' },
  'vm-image-missing': { text: 'The virtual machine’s files are not on this machine.', next: 'npm start makes them from Debian packages; their place is {path}.' },
  'vm-image-corrupt': { text: 'A file of the virtual machine is damaged: {path}', next: 'Delete it; the next start of Naru makes it anew.' },
  'vm-qemu-missing': { text: '{program} was not found: the virtual machine runs in QEMU.', next: 'On Debian and Ubuntu: sudo apt-get install qemu-system-x86 qemu-utils' },
  'vm-disk-full': { text: 'The disk of this machine is full: the virtual machine is paused and has lost nothing.', next: 'Free some space on the disk that holds {path}; it goes on by itself.' },
  'vm-disk-io': { text: 'The virtual machine is paused: its disk {path} cannot be written.', next: 'Look after that disk; the machine is let go on every few seconds.' },
  'vm-disk-foreign': { text: 'The disk of the virtual machine holds something that Naru did not put there. It was not touched.', next: 'Move {path} away and start again, or reset the engine: both make a new, empty disk.' },
  'vm-disk-broken': { text: 'The file {path} is not a disk of Naru that can be read. It was not touched.', next: 'Put a copy of yours in its place, or reset the engine: that makes a new, empty disk.' },
  'vm-disk-check': { text: 'The file system of the virtual machine is damaged. Nothing was repaired without you.', next: 'Make a copy of {path}, then let it be repaired; or reset the engine, which makes a new, empty disk.' },
  'vm-disk-shrink': { text: 'The disk has {current} and only grows: {wanted} is no more than that.', next: 'Space of what you delete comes back to this machine by itself. A smaller disk is only had by a reset of the engine.' },
  'vm-disk-too-large': { text: 'The disk of the virtual machine may have {max} at most.', next: 'Choose a smaller size.' },
  'vm-disk-grow': { text: 'The disk is larger, but the file system on it did not grow with it.', next: 'Start the engine again: it grows at the start.' },
  'vm-host': { text: 'The virtual machine does not run on this system yet.', next: 'Use an engine that is there already.' },
  'vm-share': { text: '{path} cannot be shown to the virtual machine at its own path.', next: 'Folders below /home, /mnt, /media, /srv, /opt, /root and /tmp can, up to sixteen.' },
  'folder-not-shared': { text: 'The virtual machine does not see {path}.', next: 'It sees: {folders}. Put the files there, or share the folder with it.' },
}
