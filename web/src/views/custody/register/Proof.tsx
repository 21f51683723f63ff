export function Proof() {
  return null;
}
