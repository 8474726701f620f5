/** Runs one bundled bench in a process of its own and hands its figures to the runner. */
import { argv, exit } from 'node:process'
import { pathToFileURL } from 'node:url'

const [, , script, quick] = argv

try {
  const { bench } = await import(pathToFileURL(script).href)
  const result = await bench({ quick: quick === 'quick' })
  await new Promise((resolve) => process.send({ result }, resolve))
  exit(0)
} catch (error) {
  console.error(error)
  exit(1)
}
