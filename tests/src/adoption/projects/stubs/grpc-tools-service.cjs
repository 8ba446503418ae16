// In the form that grpc-tools generates. Its generator is a binary that is downloaded by an install script, so its output is
// written by hand here; the messages use its runtime, google-protobuf.
const grpc = require('@grpc/grpc-js');
const jspb = require('google-protobuf');

class Message {
  static deserializeBinary(bytes) {
    const message = new this();
    const reader = new jspb.BinaryReader(bytes);
    while (reader.nextField() && !reader.isEndGroup())
      message.fields[reader.getFieldNumber()] = reader.readString();
    return message;
  }
  constructor() {
    this.fields = {};
  }
  serializeBinary() {
    const writer = new jspb.BinaryWriter();
    for (const [number, value] of Object.entries(this.fields)) writer.writeString(Number(number), value);
    return writer.getResultBuffer();
  }
}
exports.GreetRequest = class GreetRequest extends Message {
  getName() {
    return this.fields[1] ?? '';
  }
  setName(value) {
    this.fields[1] = value;
    return this;
  }
};
exports.GreetResponse = class GreetResponse extends Message {
  getInstance() {
    return this.fields[2] ?? '';
  }
  setInstance(value) {
    this.fields[2] = value;
    return this;
  }
};

const serialize = (message) => Buffer.from(message.serializeBinary());
exports.GreeterService = {
  greet: {
    path: '/greeter.v1.Greeter/Greet',
    requestStream: false,
    responseStream: false,
    requestType: exports.GreetRequest,
    responseType: exports.GreetResponse,
    requestSerialize: serialize,
    requestDeserialize: (bytes) => exports.GreetRequest.deserializeBinary(new Uint8Array(bytes)),
    responseSerialize: serialize,
    responseDeserialize: (bytes) => exports.GreetResponse.deserializeBinary(new Uint8Array(bytes)),
  },
};
exports.GreeterClient = grpc.makeGenericClientConstructor(exports.GreeterService, 'Greeter');
