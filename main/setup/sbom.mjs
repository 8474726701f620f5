/**
 * The bill of materials of an installer: what of others is in it, with version, licence, digest and where it comes from.
 * CycloneDX 1.5 (cyclonedx.org/docs/1.5/json). The same parts give the same bytes: no time, and a number out of the content.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Bundled by its style sheet, which no script's build knows of. */
const STYLE_PACKAGES = ['node_modules/tailwindcss']
/** Lies beside the app as it is. */
const SHIPPED = ['node_modules/electron']

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/**
 * Packages of the lock file that reach a person, with the folder they lie in.
 * @param {string} root the project; built, because only a build knows what got in
 * @returns {{ folder: string, name: string, version: string, license: string, integrity?: string }[]}
 */
export function shippedPackages(root) {
  const { packages } = readJson(join(root, 'package-lock.json'))
  const folders = new Set([...readJson(join(root, 'out/.bundled.json')), ...STYLE_PACKAGES, ...SHIPPED])
  return [...folders].sort().map((folder) => {
    const entry = packages[folder]
    if (!entry) throw new Error(`${folder} is in the app and not in package-lock.json`)
    // Some keep their licence where npm no longer looks.
    const license = entry.license ?? readJson(join(root, folder, 'package.json')).licenses?.[0]?.type ?? 'NOASSERTION'
    return { folder, name: folder.replace(/^.*node_modules\//, ''), version: entry.version, license, integrity: entry.integrity }
  })
}

/** `sha512-BASE64` as CycloneDX has it. */
function npmHashes(integrity) {
  const [, algorithm, digest] = /^sha(256|384|512)-(\S+)/.exec(integrity ?? '') ?? []
  return digest ? { hashes: [{ alg: `SHA-${algorithm}`, content: Buffer.from(digest, 'base64').toString('hex') }] } : {}
}

const purlName = (name) => name.split('/').map(encodeURIComponent).join('/')

function npmComponent({ name, version, license, integrity }) {
  const purl = `pkg:npm/${purlName(name)}@${version}`
  const licenses = /[ ()]/.test(license) ? [{ expression: license }] : [{ license: { id: license } }]
  return { type: 'library', 'bom-ref': purl, name, version, purl, licenses, ...npmHashes(integrity) }
}

/** Packages of one part (its manifest.json), as Debian's; programs that only built it stay out. */
function debComponents(part, { packages = [] }) {
  return packages
    .filter(({ role }) => role !== 'build')
    .map(({ package: name, version, suite, sha256, source, sourceVersion }) => {
      const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=amd64&distro=debian-${suite}`
      return {
        type: 'library',
        'bom-ref': `${part}:${purl}`,
        name,
        version,
        purl,
        licenses: [{ license: { name: `see resources/${part}/licenses/${name}.copyright` } }],
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        properties: [
          { name: 'naru:part', value: part },
          ...(source ? [{ name: 'naru:source', value: `${source} ${sourceVersion ?? version}` }] : []),
        ],
      }
    })
}

/**
 * @param {{ root: string, parts: Record<string, string> }} what the project, and the folder of each part that has a manifest.json
 * @returns {object} the document
 */
export function billOfMaterials({ root, parts }) {
  const { name, version, description } = readJson(join(root, 'package.json'))
  const components = [
    ...shippedPackages(root).map(npmComponent),
    ...Object.entries(parts).flatMap(([part, folder]) => debComponents(part, readJson(join(folder, 'manifest.json')))),
  ]
  const hex = createHash('sha256').update(JSON.stringify([version, components])).digest('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
  const ref = `pkg:generic/${name}@${version}`
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': ref, name, version, description } },
    components,
    dependencies: [{ ref, dependsOn: components.map((each) => each['bom-ref']) }],
  }
}
