return {status: 200};
