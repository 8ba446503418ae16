// A server and a client of go-zero on etcd:
//
//	go-zero serve <etcd's host:port> <key> <host:port>
//	go-zero call <etcd's host:port> <key>
package main

import (
	"os"

	"github.com/zeromicro/go-zero/core/conf"
	"github.com/zeromicro/go-zero/core/discov"
	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/zrpc"
	"google.golang.org/grpc"

	"rollcall/interop/greeter"
)

func main() {
	role := os.Args[1]
	etcd := discov.EtcdConf{Hosts: []string{os.Args[2]}, Key: os.Args[3]}
	if role == "call" {
		call(etcd)
	} else {
		serve(etcd, os.Args[4])
	}
}

func call(etcd discov.EtcdConf) {
	var config zrpc.RpcClientConf
	logx.Must(conf.FillDefault(&config))
	config.Etcd = etcd
	greeter.Call(zrpc.MustNewClient(config).Conn())
}

func serve(etcd discov.EtcdConf, address string) {
	var config zrpc.RpcServerConf
	logx.Must(conf.FillDefault(&config))
	config.Name, config.ListenOn, config.Etcd = "greeter", address, etcd
	zrpc.MustNewServer(config, func(server *grpc.Server) { greeter.Register(server, address) }).Start()
}
