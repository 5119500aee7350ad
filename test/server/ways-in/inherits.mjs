// A gate on the listening socket that this process inherits as descriptor 3. Prints its endpoints.
import { createServer } from '../../../dist/adapters/server/index.js';

const { endpoints } = await createServer({ listen: ['fd://3'] });
console.log(JSON.stringify(endpoints));
