import { randomInt } from 'node:crypto'

const adjectives =
  'able amber ample balmy bold brave breezy bright brisk calm candid careful cheerful civil clever cosy crisp curious ' +
  'daring deft dreamy eager earnest easy fair faithful fancy fearless fine fleet fond frank free fresh friendly gentle ' +
  'glad golden good graceful grand happy hardy hearty honest hopeful humble jolly jovial joyful keen kind lively loyal ' +
  'lucid lucky mellow merry mighty mild modest neat nimble noble patient peaceful placid plucky polite proud prudent ' +
  'quick quiet ready restful robust serene sharp shiny silent silver sincere smart snug sober spry steady stoic sunny ' +
  'sure swift tender thrifty tidy tranquil trusty upbeat valiant vivid warm wise witty worthy zesty'

const surnames =
  'abel agnesi ampere archimedes aryabhata avogadro babbage banach bernoulli bohr boole bose brahmagupta cauchy ' +
  'cavendish chandra copernicus cori curie dalton darwin davy dirac dijkstra einstein elion euclid euler faraday fermat ' +
  'fermi feynman fibonacci fourier franklin galileo galois gauss germain goodall gray hamilton harvey heisenberg ' +
  'herschel hertz hilbert hodgkin hooke hopper hubble humboldt huygens hypatia jemison joule kepler khayyam ' +
  'kovalevskaya lagrange lamarr laplace lavoisier leavitt leibniz linnaeus lovelace lumiere maxwell mayer mcclintock ' +
  'meitner mendel mendeleev mirzakhani montalcini napier newton nightingale noether nobel ohm pascal pasteur pauli ' +
  'pauling payne perlman planck poincare ptolemy pythagoras ramanujan riemann rubin rutherford sagan schrodinger ' +
  'somerville stevin tesla thales torricelli tu turing villani volta wallace watt wien wiles wing wu yalow yonath zeno'

const [firsts, lasts] = [adjectives.split(' '), surnames.split(' ')]

/** A name for a container whose user gave none: `"brave_curie"`. It may be taken already. */
export function randomName(): string {
  return `${firsts[randomInt(firsts.length)]}_${lasts[randomInt(lasts.length)]}`
}
