// Package greeter serves and calls greeter.v1.Greeter (examples/etcd-greeter/greeter.proto) without generated code: each of
// its messages has one text, field 1, as google.protobuf.StringValue has.
package greeter

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Register adds the service to a server at `address`, which is part of its answers.
func Register(server grpc.ServiceRegistrar, address string) {
	greet := func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := new(wrapperspb.StringValue)
		if err := decode(in); err != nil {
			return nil, err
		}
		return wrapperspb.String(fmt.Sprintf("Hello %s, says %s.", in.Value, address)), nil
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "greeter.v1.Greeter",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Greet", Handler: greet}},
	}, nil)
}

// Call calls the service every 50 ms and prints each answer or error, until the program ends.
func Call(conn grpc.ClientConnInterface) {
	for {
		out := new(wrapperspb.StringValue)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		if err := conn.Invoke(ctx, "/greeter.v1.Greeter/Greet", wrapperspb.String("you"), out); err != nil {
			fmt.Println("failed:", err)
		} else {
			fmt.Println(out.Value)
		}
		cancel()
		time.Sleep(50 * time.Millisecond)
	}
}
