/** Why a request of live control is not carried out, as an HTTP status and a text. */
export class ControlProblem extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The errors of invalid arguments become 400. */
export function badRequest(message: string): ControlProblem {
  return new ControlProblem(400, message);
}
