/** Hints of errors about files in containers. */
export const fileHints = {
  'listing-gone': { text: 'This list of the folder is old.', next: 'Read the folder again.' },
  'no-such-path': { text: '{path} is not there, or it is a link that leads nowhere.', next: 'It may have gone meanwhile; read the folder again. What lies in memory (tmpfs, /proc, /sys) can be listed, but not copied.' },
  'not-a-folder': { text: '{name} is no folder.', next: 'Only folders can be opened like one.' },
  'link-loop': { text: '{name} is a link that leads back to itself.', next: 'There is nothing behind it.' },
  'path-taken': { text: '{name} is there already.', next: 'Choose another name.' },
  'path-kind': { text: 'A folder cannot take the place of a file, nor a file that of a folder.', next: 'Rename or delete the one in {path} first.' },
  'path-busy': { text: '{path} is in use or is a mount.', next: 'End what uses it. Docker mounts some files itself, such as /etc/hosts.' },
  'files-read-only': { text: '{path} is read-only.', next: 'The container or this mount was made read-only; choose another folder.' },
  'files-denied': { text: 'The container may not change {path}.', next: 'Its system is protected even from its own root user.' },
  'files-stopped': { text: 'The container does not run.', next: 'Names are changed and deleted by its own programs: start it first.' },
  'files-paused': { text: 'The container is paused.', next: 'Resume it first: nothing in it can work now.' },
  'no-tools': { text: 'The container has no program for this (mv, rm).', next: 'Images from scratch and distroless ones have none. You can still upload over a file.' },
  'mount-inside': { text: '{name} is or holds the mount at {path}.', next: 'What is in a mount belongs to the volume or to a folder of the host; delete single files in it instead.' },
  'kernel-files': { text: '{name} belongs to the kernel.', next: 'There are no real files in it.' },
  'upload-refused': { text: '{name} cannot be uploaded.', next: 'Only files and folders with ordinary names can.' },
}
