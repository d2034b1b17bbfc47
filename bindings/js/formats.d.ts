/** Loads the module: from beside the file, or from an address. */
export default function init(module?: string | URL): Promise<void>;

/**
 * Reads events of every format that `varsigma test` reads, compressed or not, and gives them as rules
 * see them.
 */
export function readEvents(events: Uint8Array): object[];
