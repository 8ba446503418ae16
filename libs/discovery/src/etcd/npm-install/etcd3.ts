import 'etcd3';
