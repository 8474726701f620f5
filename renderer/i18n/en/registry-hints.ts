/** Registries: logging in, pushing, certificates; part of error-hints.ts. */
export const registryHints = {
  'registry-address': {
    text: '“{name}” is not the address of a registry.',
    next: 'Write it like ghcr.io or registry.example.com:5000; leave it empty for Docker Hub.',
  },
  'registry-no-domain': {
    text: '“{name}” could not be told from a name on Docker Hub.',
    next: 'Write the whole domain, or add the port: {name}:5000.',
  },
  'registry-too-many': {
    text: 'There are too many logins.',
    next: 'Log out of some you no longer need.',
  },
  'registry-helper-missing': {
    text: 'The credential helper {program} is not installed.',
    next: 'docker’s settings name it. Install it, or let Naru keep this login until it closes.',
  },
  'registry-helper-failed': {
    text: 'The credential helper {program} failed.',
    next: 'Its own words are below. Is the keychain unlocked?',
  },
  'registry-keychain-closed': {
    text: 'The system’s keychain does not open the login for {registry}.',
    next: 'Unlock it, or log out and in again.',
  },
  'registry-wrong-password': {
    text: '{registry} does not accept this user and password.',
    next: 'Check both. Docker Hub with two-factor sign-in, and GitHub, want an access token in place of the password.',
  },
  'registry-login-needed': {
    text: '{registry} wants you to log in.',
    next: 'Log in, then try again.',
  },
  'registry-login-refused': {
    text: '{registry} no longer accepts the login of {user}.',
    next: 'Log in again with a new password or token.',
  },
  'registry-no-rights': {
    text: 'Your login at {registry} may not do this with {reference}.',
    next: 'Check the name, or log in as someone who may.',
  },
  'registry-no-namespace': {
    text: '{reference} has no user name in front, and only Docker itself may push there.',
    next: 'Tag it with your own name first, such as {suggestion}.',
  },
  'registry-read-only': {
    text: '{registry} takes no pushes: it is a read-only mirror.',
    next: 'Push to the registry it mirrors.',
  },
  'registry-unknown-ca': {
    text: '{registry} shows a certificate of an authority the engine does not know.',
    next: 'If the registry is yours, put the authority’s certificate (PEM) at {path}; the engine reads it at the next try.',
  },
  'registry-certificate': {
    text: 'The certificate of {registry} is not valid for it.',
    next: 'Has it run out, or does it name another host? The engine’s own words say which.',
  },
  'registry-plain-http': {
    text: '{registry} speaks plain HTTP; the engine insists on HTTPS.',
    next: 'Turn on TLS at the registry. If you must, add it to “insecure-registries” in the engine’s {path} and restart the engine.',
  },
  'registry-type-again': {
    text: 'The password of a login is not kept.',
    next: 'Log in again under Settings → Registries.',
  },
  'registry-not-on-engine': {
    text: '{reference} is not on this engine.',
    next: 'Pull or build it first.',
  },
  'registry-no-digest': {
    text: '{reference} is a digest; only tags can be pushed.',
    next: 'Give the image a tag, then push that.',
  },
}
