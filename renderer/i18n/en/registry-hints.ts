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
  'registry-realm-foreign': {
    text: '{registry} would have your login checked at {realm}, a host of another name. Nothing was sent.',
    next: 'Registries of one’s own often do this. If {realm} belongs to whoever runs the registry, allow it when you log in.',
  },
  'registry-realm-open': {
    text: '{registry} would have your login sent to {realm} without encryption, though it is itself encrypted. Nothing was sent.',
    next: 'Tell whoever runs the registry. Naru cannot make an exception here.',
  },
  'registry-realm-internal': {
    text: '{registry} is on the internet and would have your login sent to {realm}, which is this computer or a private network. Nothing was sent.',
    next: 'Tell whoever runs the registry. Naru cannot make an exception here.',
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
  'registry-wrong-content': {
    text: '{registry} sent something else than it had promised.',
    next: 'Nothing of it was kept. Try again; if it stays, the image is damaged there, or something on the way changes it: a proxy, a login page of the network.',
  },
  'registry-cut': {
    text: 'The connection to {registry} broke off while the image came.',
    next: 'The engine had tried several times. Check the network, then try again.',
  },
  'registry-silent': {
    text: 'Nothing came from {registry} for {seconds} seconds; the pull was given up.',
    next: 'Check the network, then try again.',
  },
  'registry-redirects': {
    text: '{registry} leads from one address to the next without an end.',
    next: 'The registry, or a proxy before it, is set up wrongly; whoever runs it can mend that.',
  },
  'registry-failing': {
    text: '{registry} answers with a fault of its own.',
    next: 'Try again later. If it stays, whoever runs it has to look; its words are below.',
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
