const bytes = (message: Buffer): Buffer => message;
const codec = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};
const method = <Request extends boolean, Response extends boolean>(
  name: string,
  requestStream: Request,
  responseStream: Response,
) => ({ path: `/proxied.v1.Proxied/${name}`, requestStream, responseStream, ...codec });

/** A service of bytes: what is forwarded has no schema. See `proxied-server-main.ts`. */
export const proxied = {
  /** Answers with the request; its metadata comes back as headers and trailers. */
  echo: method('Echo', false, false),
  /** Answers with the id of the process, after 20 ms. */
  work: method('Work', false, false),
  /** Fails with details, after {@link messagesBeforeFailure} if the request is not empty. */
  fail: method('Fail', false, true),
  /** Answers with the number of messages and of bytes, as `messages:bytes`, and reads slowly at first. */
  upload: method('Upload', true, false),
  /** The request is the number of messages of 64 KiB to send. */
  download: method('Download', false, true),
  /** Answers each message with the same, and the end with the end. */
  chat: method('Chat', true, true),
  /** Never answers. */
  hang: method('Hang', false, false),
};

export const chunk = Buffer.alloc(64 * 1024, 'x');

/** More than fits into the buffers of a connection. */
export const messagesBeforeFailure = 48;
