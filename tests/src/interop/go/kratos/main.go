// A server and a client of kratos, on etcd or on Consul:
//
//	kratos serve <etcd or consul> <the registry's host:port> <service> <host:port>
//	kratos call <etcd or consul> <the registry's host:port> <service>
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	consul "github.com/go-kratos/kratos/contrib/registry/consul/v2"
	etcd "github.com/go-kratos/kratos/contrib/registry/etcd/v2"
	"github.com/go-kratos/kratos/v2"
	"github.com/go-kratos/kratos/v2/registry"
	"github.com/go-kratos/kratos/v2/transport/grpc"
	"github.com/hashicorp/consul/api"
	clientv3 "go.etcd.io/etcd/client/v3"

	"rollcall/interop/greeter"
)

type discoveryRegistry interface {
	registry.Registrar
	registry.Discovery
}

func main() {
	role, kind, address, service := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	found, err := open(kind, address)
	must(err)
	if role == "call" {
		call(found, service)
	} else {
		serve(found, service, os.Args[5])
	}
}

func open(kind, address string) (discoveryRegistry, error) {
	switch kind {
	case "etcd":
		client, err := clientv3.NewFromURL("http://" + address)
		return etcd.New(client), err
	case "consul":
		client, err := api.NewClient(&api.Config{Address: address})
		// The checks of a service are critical until they run for the first time: a second, not ten.
		return consul.New(client, consul.WithHealthCheckInterval(1)), err
	default:
		return nil, fmt.Errorf("unknown registry %q", kind)
	}
}

func call(discovery registry.Discovery, service string) {
	conn, err := grpc.DialInsecure(context.Background(),
		grpc.WithEndpoint("discovery:///"+service),
		grpc.WithDiscovery(discovery),
	)
	must(err)
	greeter.Call(conn)
}

func serve(registrar registry.Registrar, service, address string) {
	server := grpc.NewServer(grpc.Address(address))
	greeter.Register(server, address)
	must(kratos.New(
		kratos.Name(service),
		kratos.Version("v1.2.3"),
		kratos.Metadata(map[string]string{"zone": "eu-1a"}),
		kratos.Server(server),
		kratos.Registrar(registrar),
	).Run())
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
