export declare const GreeterDefinition: object;
