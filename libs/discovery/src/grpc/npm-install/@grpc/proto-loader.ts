import '@grpc/proto-loader';
