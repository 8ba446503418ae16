import 'consul';
