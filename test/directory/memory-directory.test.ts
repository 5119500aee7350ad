import { MemoryDirectory, MemoryStore } from '../../adapters/directory/memory-directory.js';
import { describeDirectory } from './contract.js';

describeDirectory('memory', async (lease) => {
  const store = new MemoryStore({ lease });
  return {
    connect: async () => new MemoryDirectory(store),
    [Symbol.asyncDispose]: async () => {},
  };
});
