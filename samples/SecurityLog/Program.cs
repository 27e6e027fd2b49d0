using SecurityLog;

return await CommandLine.RunAsync(args, static options => new SecurityLogProgram(options).RunAsync());
