/** Which files of a build a phone fetches when. */

/** Paths from the origin, sorted. */
export interface Stages {
  /** Joining, unlocking, reading, writing, and whom to call: kept by every device from its first start on. */
  readonly first: readonly string[];
  /** The rest that members can open: kept by every device alike from its second start on, so that fetching it tells nothing. */
  readonly soon: readonly string[];
  /** Of one language, or of staff: kept by a device once it was needed there. */
  readonly needed: readonly string[];
}

/** What of a built chunk is looked at; Rolldown has it so. */
export interface Chunk {
  fileName: string;
  isEntry: boolean;
  /** Its source, where it is loaded by `import()`. */
  facadeModuleId: string | null;
  imports: readonly string[];
  dynamicImports: readonly string[];
  viteMetadata?: { importedCss: ReadonlySet<string>; importedAssets: ReadonlySet<string> } | undefined;
}

/** Loaded by `import()`, and wanted by everybody at once. */
const FIRST = [/\/engine\/engine\.ts$/, /\/crypto\/load-browser\.ts$/, /\/store\/argon2\.ts$/];
const NEEDED = [/\/wordlists\//, /\/hints\/rules\//, /\/screens\/ForStaff\.svelte$/, /\/engine\/cases\/evidence\.ts$/];
/** Files that are no part of a chunk and that a start without a network wants. Other icons the browser takes where they are used. */
const BESIDE = ["/", "/manifest.webmanifest", "/icons/icon.svg"];
/** The service worker renews it by itself (client/src/sw/links.ts). */
const RENEWED = "/hints/links";

/** Sorts `files` (all of a build) by what its `chunks` import. */
export function stagesOf(files: readonly string[], chunks: readonly Chunk[]): Stages {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const reached = (follow: (chunk: Chunk) => boolean): Set<string> => {
    const all = new Set<string>();
    const waiting = chunks.filter(({ isEntry }) => isEntry);
    for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
      if (all.has(`/${chunk.fileName}`)) continue;
      const { importedCss = [], importedAssets = [] } = chunk.viteMetadata ?? {};
      for (const name of [chunk.fileName, ...importedCss, ...importedAssets]) all.add(`/${name}`);
      const next = [...chunk.imports.map((name) => byName.get(name)), ...chunk.dynamicImports.map((name) => byName.get(name)).filter((one) => one && follow(one))];
      waiting.push(...next.filter((one) => one !== undefined));
    }
    return all;
  };
  const is = (patterns: readonly RegExp[], { facadeModuleId }: Chunk): boolean => patterns.some((pattern) => pattern.test(facadeModuleId ?? ""));
  const everybody = reached((chunk) => is(FIRST, chunk));
  const members = reached((chunk) => !is(NEEDED, chunk));
  const first = files.filter((file) => everybody.has(file) || BESIDE.includes(file));
  const soon = files.filter((file) => members.has(file) && !first.includes(file));
  return { first, soon, needed: files.filter((file) => ![...first, ...soon, RENEWED].includes(file)) };
}

/** The same part in another build: its name without the hash over what it holds. */
export const partOf = (path: string): string => path.replace(/-[\w-]{8}(?=\.\w+$)/u, "");
