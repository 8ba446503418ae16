// The declarations of every subpath, with all peers installed. Checked by the compiler only.
export * as main from '@rollcall/discovery';
export * as consul from '@rollcall/discovery/consul';
export * as etcd from '@rollcall/discovery/etcd';
export * as file from '@rollcall/discovery/file';
export * as grpc from '@rollcall/discovery/grpc';
export * as http from '@rollcall/discovery/http';
export * as httpServer from '@rollcall/discovery/http-server';
export * as srv from '@rollcall/discovery/srv';
export * as fixed from '@rollcall/discovery/static';
export * as telemetry from '@rollcall/discovery/telemetry';
export * as testing from '@rollcall/discovery/testing';
