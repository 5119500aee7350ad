/** The names a configuration file in the working directory may have. */
export const configNames = ['ixgate.config.json', 'ixgate.config.yaml', 'ixgate.config.yml'];
