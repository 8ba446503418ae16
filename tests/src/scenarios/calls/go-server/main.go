// A server of calls.proto by grpc-go, with its defaults: it closes the connection of a client that pings too often.
//
//	go-server <host> <id>
//
// Prints the port it listens on.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

func main() {
	host, id := os.Args[1], os.Args[2]
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(codec{}))
	server.RegisterService(serviceOf(metadata.Pairs("x-instance-id", id)), nil)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.Serve(listener))
}

func serviceOf(headers metadata.MD) *grpc.ServiceDesc {
	unary := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		in := new(request)
		if err := decode(in); err != nil {
			return nil, err
		}
		if err := grpc.SetHeader(ctx, headers); err != nil {
			return nil, err
		}
		if in.delayMs > 0 {
			time.Sleep(time.Duration(in.delayMs) * time.Millisecond)
		}
		return &response{padding: make([]byte, in.responseBytes)}, nil
	}
	watch := func(_ any, stream grpc.ServerStream) error {
		if err := stream.SetHeader(headers); err != nil {
			return err
		}
		if err := stream.SendMsg(&response{}); err != nil {
			return err
		}
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	return &grpc.ServiceDesc{
		ServiceName: "calls.v1.CallService",
		Methods: []grpc.MethodDesc{
			{MethodName: "Get", Handler: unary},
			{MethodName: "Report", Handler: unary},
			{MethodName: "Add", Handler: unary},
		},
		Streams: []grpc.StreamDesc{{StreamName: "Watch", Handler: watch, ServerStreams: true}},
	}
}
