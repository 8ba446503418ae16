// Imported before grpc-js, which reads it when it is loaded. Without it, grpc-js ignores the authority of `dns://server/name`.
process.env['GRPC_NODE_USE_ALTERNATIVE_RESOLVER'] = 'true';
