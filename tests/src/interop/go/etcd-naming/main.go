// A server and a client of grpc-go with etcd's own endpoints manager and naming resolver:
//
//	etcd-naming serve <etcd's host:port> <service> <host:port> [<metadata as JSON>]
//	etcd-naming call <etcd's host:port> <service>
package main

import (
	"context"
	"encoding/json"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/naming/endpoints"
	"go.etcd.io/etcd/client/v3/naming/resolver"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"rollcall/interop/greeter"
)

func main() {
	role, etcd, service := os.Args[1], os.Args[2], os.Args[3]
	client, err := clientv3.NewFromURL("http://" + etcd)
	must(err)
	if role == "call" {
		call(client, service)
		return
	}
	endpoint := endpoints.Endpoint{Addr: os.Args[4]}
	if len(os.Args) > 5 {
		must(json.Unmarshal([]byte(os.Args[5]), &endpoint.Metadata))
	}
	serve(client, service, endpoint)
}

func call(client *clientv3.Client, service string) {
	builder, err := resolver.NewBuilder(client)
	must(err)
	conn, err := grpc.NewClient("etcd:///"+service,
		grpc.WithResolvers(builder),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
	)
	must(err)
	greeter.Call(conn)
}

func serve(client *clientv3.Client, service string, endpoint endpoints.Endpoint) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", endpoint.Addr)
	must(err)
	server := grpc.NewServer()
	greeter.Register(server, endpoint.Addr)
	go func() { must(server.Serve(listener)) }()

	lease, err := client.Grant(ctx, 10)
	must(err)
	alive, err := client.KeepAlive(context.Background(), lease.ID)
	must(err)
	go func() {
		for range alive {
		}
	}()
	manager, err := endpoints.NewManager(client, service)
	must(err)
	key := service + "/" + endpoint.Addr
	must(manager.AddEndpoint(ctx, key, endpoint, clientv3.WithLease(lease.ID)))

	<-ctx.Done()
	must(manager.DeleteEndpoint(context.Background(), key))
	server.GracefulStop()
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
