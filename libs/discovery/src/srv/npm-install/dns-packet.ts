import 'dns-packet';
