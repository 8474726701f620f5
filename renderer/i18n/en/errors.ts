import { hint } from './error-hints.ts'

/**
 * One entry per error code (dots become dashes): `text` always fits, `named` is used when the error names everything in
 * its gaps, `next` says what to do. Hints are more exact sentences for some cases of a code.
 */
export const errors = {
  ownWords: "The engine's own words",
  code: {
    'engine-unreachable': {
      text: 'The engine does not answer.',
      next: 'Naru keeps trying and comes back by itself. If it lasts, start the engine or choose another one.',
    },
    'engine-starting': { text: 'The engine is still starting.', next: 'Try again in a few seconds.' },
    'engine-incompatible': {
      text: 'This engine is too old for Naru.',
      named: 'This engine speaks API {apiVersion}; Naru needs {needed} or newer.',
      next: 'Update the engine or choose another one.',
    },
    'engine-not-an-engine': {
      text: 'Something answers there, but it is not a container engine.',
      named: '{path} is not the socket of a container engine.',
      next: 'Check the path. Docker usually listens at /var/run/docker.sock.',
    },
    'provider-absent': {
      text: 'This engine cannot be had on this machine.',
      next: 'Install what is missing, or choose another engine.',
    },
    'provider-boot-failed': {
      text: 'The engine could not be started.',
      next: "The engine's own words below usually name the cause. Then try again.",
    },
    'provider-exited': { text: 'The engine stopped unexpectedly.', next: 'Containers were left alone. Start it again.' },
    'provider-image-corrupt': {
      text: "The embedded engine's files are damaged.",
      next: 'Build them anew with npm start; your containers and images are not touched.',
    },
    'registry-unreachable': {
      text: 'The registry cannot be reached.',
      named: '{registry} cannot be reached.',
      next: 'Check the network and try again.',
    },
    'not-found': { text: 'It is no longer there.', named: '{name} is no longer there.', next: 'The list is already up to date.' },
    'image-not-found': {
      text: 'There is no such image.',
      named: 'There is no image {reference}.',
      next: 'Check the name and the tag.',
    },
    'archive-broken': {
      text: 'The image archive is damaged.',
      named: 'The image archive is damaged at byte {position}.',
      next: 'Nothing of it is shown. Try again; if it stays, pull or build the image anew.',
    },
    conflict: { text: 'The engine refuses: something stands in the way.', next: "See the engine's own words." },
    'name-in-use': {
      text: 'The name is taken.',
      named: 'The name {name} is taken by {holder}.',
      next: 'Choose another name, or remove the one that has it.',
    },
    'port-in-use': {
      text: 'The port is taken.',
      named: 'Port {port} is taken by {holder}.',
      next: 'Choose another port, or stop what holds it.',
    },
    'in-use': { text: 'It is still in use.', named: 'Still used by {holder}.', next: 'Remove what uses it first, or force it.' },
    running: {
      text: 'The container is running.',
      named: '{name} is running.',
      next: 'Stop it first, or remove it by force.',
    },
    denied: { text: 'You may not do that.', named: 'No permission for {path}.', next: 'Check who owns it.' },
    unauthorized: {
      text: 'The registry wants you to sign in, or refuses your login.',
      next: 'Check that the image exists and that you may read it.',
    },
    'rate-limited': {
      text: 'The registry allows no more requests for now.',
      next: 'Wait a while, or sign in for a higher limit.',
    },
    'no-space': { text: 'The disk is full.', next: 'Remove images or containers you no longer need, then try again.' },
    'build-failed': {
      text: 'The build failed.',
      named: 'The build failed at line {line}: {instruction}',
      next: 'The log of the failed step says why.',
    },
    'invalid-request': { text: 'The engine cannot work with this input.', next: "See the engine's own words." },
    'invalid-reference': {
      text: 'This is not an image name.',
      named: '“{reference}” is not an image name.',
      next: 'Image names look like nginx:1.27 or localhost:5000/shop/api:2.',
    },
    cancelled: { text: 'Cancelled.', next: 'Nothing more will happen.' },
    timeout: { text: 'It took too long.', next: 'Try again; the machine may be busy.' },
    unsupported: { text: 'This engine cannot do that.', next: 'Choose another engine for it.' },
    'contract-mismatch': {
      text: 'This window and the engine room are of different versions.',
      next: 'Close Naru and start it again.',
    },
    internal: { text: 'Something went wrong inside Naru.', next: 'Try again. If it stays, report it with the words below.' },
  },
  hint,
}
