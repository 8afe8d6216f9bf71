/** Gives the person a file, where their browser keeps what it downloads. Nothing is asked of a server. */
export function save(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Some browsers begin to read only after the touch is over.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}
